/** What somebody may have meant who mistyped a name. */

/** `did you mean X? `, or nothing where no choice is near. */
export function nearest(typed: string, choices: readonly string[]): string {
  const [best] = byDistance(typed, choices);
  return best !== undefined && best.distance <= Math.max(2, typed.length / 3)
    ? `did you mean ${best.choice}? `
    : '';
}

/** The choices, the nearest first. */
export function byDistance(typed: string, choices: readonly string[]) {
  return choices
    .map(choice => ({ choice, distance: editDistance(typed, choice) }))
    .sort((a, b) => a.distance - b.distance);
}

/** How many letters have to be put in, taken out or changed. What is typed counts as far as a name may go. */
function editDistance(typed: string, b: string): number {
  const a = typed.slice(0, 80);
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
