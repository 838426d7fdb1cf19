/** The journey as one SVG: a panel for each stage, read off its blueprint, with what the stage adds picked out. */
import { STAGES, stageNamed } from '../journey/stages.ts';
import type { Blueprint } from './blueprint.ts';
import { type Box, type Column, columnsOf, type Edge, edgesOf, MOST_CARDS } from './drawing.ts';

const PANEL = { width: 440, gap: 16, head: 52, foot: 70 };
const BOX = { width: 84, height: 34, gap: 12 };
/** What fits on one line under a drawing. */
const LINE_LENGTH = 75;
const COLUMNS = 2;
const COPY_OFFSET = 4;

interface PlacedBox extends Box {
  readonly x: number;
  readonly y: number;
}

interface Drawing {
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly Edge[];
}

/** @param blueprints one for each stage, in journey order @returns a complete SVG document, ending in a newline */
export function journeyPicture(blueprints: readonly Blueprint[]): string {
  const columns = blueprints.map(columnsOf);
  const heights = rowHeights(columns);
  const width = COLUMNS * PANEL.width + (COLUMNS + 1) * PANEL.gap;
  const top = (row: number) =>
    heights.slice(0, row).reduce((sum, height) => sum + height + PANEL.gap, PANEL.gap);
  let known: ReadonlySet<string> = new Set(['browser']);
  const panels = blueprints.map((blueprint, index) => {
    const row = Math.floor(index / COLUMNS);
    const drawing = drawingOf(blueprint, columns[index] ?? [], heights[row] ?? 0);
    const markup = panel(blueprint, index, drawing, known, heights[row] ?? 0);
    known = new Set([...drawing.boxes.map(box => box.id), ...drawing.edges.flatMap(edge => edge.pool ?? [])]);
    const x = PANEL.gap + (index % COLUMNS) * (PANEL.width + PANEL.gap);
    return `<g transform="translate(${x} ${top(row)})">\n${markup}\n</g>`;
  });
  const height = top(heights.length);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-labelledby="title desc">`,
    `<title id="title">The journey: ${inWords(STAGES.length)} stages, each adding one piece</title>`,
    `<desc id="desc">${escapeXml(blueprints.map(describe).join(' '))}</desc>`,
    STYLE,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

/** Panels side by side are as high as the fuller of them needs. */
function rowHeights(columns: readonly (readonly Column[])[]): number[] {
  const heights = columns.map(panelColumns => {
    const most = Math.max(2, ...panelColumns.map(column => column.length));
    return PANEL.head + most * (BOX.height + BOX.gap) - BOX.gap + PANEL.foot;
  });
  return Array.from({ length: Math.ceil(heights.length / COLUMNS) }, (_, row) =>
    Math.max(...heights.slice(row * COLUMNS, (row + 1) * COLUMNS)),
  );
}

function describe(blueprint: Blueprint, index: number): string {
  const stage = stageNamed(blueprint.stage);
  return `${index + 1}, ${stage.name}: ${stage.adds}.`;
}

const STYLE = `<style>
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2937 }
.page { fill: #ffffff } .panel { fill: #f8fafc; stroke: #e2e8f0 } .name { font-size: 16px; font-weight: 700 } .fixes, .breaks { font-size: 10.5px; fill: #475569 }
.box { fill: #ffffff; stroke: #64748b; stroke-width: 1.2 } .new { fill: #dbeafe; stroke: #2563eb; stroke-width: 2 } .label { text-anchor: middle; font-size: 12px }
.edge { fill: none; stroke: #64748b; stroke-width: 1.2 } .new-edge { stroke: #2563eb; stroke-width: 4 } .message { fill: none; stroke: #94a3b8; stroke-dasharray: 3 3 } .tip { fill: #64748b }
@media (prefers-color-scheme: dark) {
text { fill: #e5e7eb } .page { fill: #0d1117 } .panel { fill: #161b22; stroke: #30363d } .fixes, .breaks { fill: #9ca3af }
.box { fill: #0d1117; stroke: #8b949e } .new { fill: #1e3a8a; stroke: #60a5fa }   .edge { stroke: #8b949e } .new-edge { stroke: #60a5fa } .message { stroke: #6e7681 } .tip { fill: #8b949e }
}
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="9" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>`;

function panel(
  blueprint: Blueprint,
  index: number,
  drawing: Drawing,
  known: ReadonlySet<string>,
  height: number,
): string {
  const stage = stageNamed(blueprint.stage);
  const boxes = new Map(drawing.boxes.map(box => [box.id, box]));
  const notes = [...noteLines('fixes', `+ ${stage.fixes}`), ...noteLines('breaks', `\u2212 ${stage.breaks}`)];
  const firstNote = height - 12 - (notes.length - 1) * 16;
  return [
    `<rect class="panel" width="${PANEL.width}" height="${height}" rx="10"/>`,
    `<text class="name" x="16" y="26">${index + 1} ${stage.name}</text>`,
    ...drawing.edges.map(edge => edgePath(edge, boxes, known)),
    ...drawing.boxes.map(box => boxMarkup(box, !known.has(box.id))),
    ...notes.map((note, line) => note.replace('Y', String(firstNote + line * 16))),
  ].join('\n');
}

/** Text elements of one note, broken at words; `Y` stands for the height that the caller knows. */
function noteLines(kind: string, text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE_LENGTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map(
    (line, index) => `<text class="${kind}" x="${index === 0 ? 16 : 27}" y="Y">${escapeXml(line)}</text>`,
  );
}

function drawingOf(blueprint: Blueprint, columns: readonly Column[], height: number): Drawing {
  return {
    boxes: columns.flatMap((column, index) => placed(column, index, columns.length, height)),
    edges: edgesOf(blueprint),
  };
}

function placed(column: Column, index: number, columns: number, height: number): PlacedBox[] {
  const left = 16;
  const free = PANEL.width - 2 * left - BOX.width - COPY_OFFSET * (MOST_CARDS - 1);
  const needed = column.length * (BOX.height + BOX.gap) - BOX.gap;
  const start = Math.round(PANEL.head + (height - PANEL.head - PANEL.foot - needed) / 2);
  return column.map((box, row) => ({
    ...box,
    x: left + (columns > 1 ? (free * index) / (columns - 1) : 0),
    y: start + row * (BOX.height + BOX.gap),
  }));
}

function edgePath(edge: Edge, boxes: ReadonlyMap<string, PlacedBox>, known: ReadonlySet<string>): string {
  const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
  if (!from || !to) return '';
  const middle = (box: PlacedBox) => box.y + BOX.height / 2;
  if (edge.isMessage) {
    const bulge = Math.min(24, 8 + Math.abs(middle(to) - middle(from)) / 8);
    const [x, control] = [round(from.x), round(from.x - bulge)];
    return `<path class="message" d="M${x} ${middle(from)}C${control} ${middle(from)} ${control} ${middle(to)} ${x} ${middle(to)}"/>`;
  }
  const start = from.x + BOX.width + (from.cards - 1) * COPY_OFFSET;
  const isNewPool = edge.pool !== undefined && !known.has(edge.pool) && known.has(edge.to);
  const kind = isNewPool ? 'edge new-edge' : 'edge';
  const line = `<path class="${kind}" marker-end="url(#tip)" d="M${round(start)} ${middle(from)}L${round(to.x)} ${middle(to)}"/>`;
  if (!isNewPool) return line;
  return `${line}<text class="label" x="${round((start + to.x) / 2)}" y="${middle(from) - 8}">${edge.pool}</text>`;
}

function boxMarkup(box: PlacedBox, isNew: boolean): string {
  const kind = isNew ? 'new' : 'box';
  const label = `<text class="label" x="${round(box.x + BOX.width / 2)}" y="${box.y + BOX.height / 2 + 4}">${escapeXml(box.label)}</text>`;
  if (box.shape === 'store') return `${store(box, kind)}${label}`;
  const radius = box.shape === 'person' ? BOX.height / 2 : 5;
  const cards = Array.from({ length: box.cards }, (_, index) => {
    const offset = (box.cards - 1 - index) * COPY_OFFSET;
    return `<rect class="${kind}" x="${round(box.x + offset)}" y="${box.y - offset}" width="${BOX.width}" height="${BOX.height}" rx="${radius}"/>`;
  });
  return `${cards.join('')}${label}`;
}

function store(box: PlacedBox, kind: string): string {
  const [x, right, top, bottom] = [round(box.x), round(box.x + BOX.width), box.y + 5, box.y + BOX.height - 5];
  const arc = `A${BOX.width / 2} 5 0 0`;
  return `<path class="${kind}" d="M${x} ${top}${arc} 1 ${right} ${top}V${bottom}${arc} 1 ${x} ${bottom}Z"/><path class="${kind}" style="fill:none" d="M${x} ${top}${arc} 0 ${right} ${top}"/>`;
}

function inWords(count: number): string {
  const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
  return words[count] ?? String(count);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
