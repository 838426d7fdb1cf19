/** What "none failed" says, and what it does not. */

/** The rule of three: of what happens more often, so many requests would have shown one, 95 times in 100. */
const THREE = 3;

/**
 * `0 of 5000 (95 %: at most 0.06 %)`: that none of so many failed, and what that bounds.
 * @param failed0of how many there were
 */
export function withBound(failed0of: number): string {
  const percent = Math.min(100, (THREE / failed0of) * 100);
  // Rounded up: a bound must not be less than it is.
  const unit = 10 ** (Math.floor(Math.log10(percent)) - 1);
  const most = Number((Math.ceil(Number((percent / unit).toFixed(6))) * unit).toPrecision(2));
  return `0 of ${failed0of} (95 %: at most ${most} %)`;
}
