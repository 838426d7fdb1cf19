/** What the front door grants one address, from the nginx stage on. */
export const DOOR_LIMITS = {
  perSecond: 100,
  /** So many more may come at once, and are not held up. */
  burst: 200,
  connections: 256,
};
