/** A table in Markdown. What would end a cell or a row is made harmless. */
export function table(columns, rows) {
  const line = cells =>
    `| ${cells.map(each => String(each).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
