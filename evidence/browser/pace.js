// Long work in short pieces, so that the page goes on answering and shows how far it is.

const LONGEST = 40; // milliseconds without a pause

let rested = 0;
let shown = () => {};

/** Call this with a number from 0 to 1 and the name of the step, whenever there is something new to show. */
export function watch(show) {
  shown = show;
}

/** Let the page breathe if it is time; `done` of `total` is how far this step is. */
export async function breathe(step, done, total) {
  if (performance.now() - rested < LONGEST) return;
  shown(step, total ? done / total : 1);
  await new Promise((resolve) => setTimeout(resolve));
  rested = performance.now();
}
