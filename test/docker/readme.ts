/** The commands that a generated README tells its reader to type. */

/** The ```sh blocks under a heading, up to the next heading of whatever level; a block is its lines. */
export function shellBlocks(readme: string, heading: string): string[][] {
  const lines = readme.split('\n');
  const start = lines.indexOf(heading);
  if (start === -1) throw new Error(`the README has no heading "${heading}"`);
  const blocks: string[][] = [];
  let block: string[] | undefined;
  for (const line of lines.slice(start + 1)) {
    if (block === undefined && /^##+ /.test(line)) break;
    if (block !== undefined && line === '```') {
      blocks.push(block);
      block = undefined;
    } else if (block !== undefined) block.push(line);
    else if (line === '```sh') block = [];
  }
  return blocks;
}

/** The one block that has a line beginning with `start`. */
export function blockWith(blocks: readonly string[][], start: string): string[] {
  const found = blocks.filter(block => block.some(line => line.startsWith(start)));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} blocks with "${start}"`);
  return only;
}
