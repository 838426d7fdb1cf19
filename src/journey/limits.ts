/** Copies of one program. HAProxy has a slot for each that there may be. */
export const MOST_REPLICAS = 10;

/** What the front door grants one address, from the nginx stage on. */
export const DOOR_LIMITS = {
  perSecond: 100,
  /** So many more may come at once, and are not held up. */
  burst: 200,
  connections: 256,
  /** As the programs themselves: a larger body is refused before it is read. */
  bodyKilobytes: 64,
  headerKilobytes: 8,
};
