/** The ids of all guarantees and drills: what a project's stage file may name. */
export async function guaranteeIds(): Promise<readonly string[]> {
  const { DRILLS, GUARANTEES } = await import('../verify/checks/index.ts');
  return [...GUARANTEES, ...DRILLS].map(({ id }) => id);
}
