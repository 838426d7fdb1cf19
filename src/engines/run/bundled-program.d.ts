/** A program's source as one text that runs by itself: see scripts/bundled-program.mjs. */
declare module '*?bundled' {
  const program: string;
  export default program;
}
