// Sends many GET requests at the same moment and prints how they were answered. For looking at what a stage bears.
//   node scripts/burst.mjs URL [COUNT]
const [url, count = '200'] = process.argv.slice(2);
if (!url) {
  console.error('usage: node scripts/burst.mjs URL [COUNT]');
  process.exit(2);
}

const answers = await Promise.all(Array.from({ length: Number(count) }, ask));
const tally = {};
for (const { status } of answers) tally[status] = (tally[status] ?? 0) + 1;
const times = answers.map(answer => answer.ms).sort((a, b) => a - b);
console.log(
  Object.entries(tally)
    .map(([status, times]) => `${status} x ${times}`)
    .join(', '),
);
console.log(`half within ${at(0.5)} ms, 99 % within ${at(0.99)} ms`);

async function ask() {
  const started = performance.now();
  const status = await fetch(url, { redirect: 'manual' }).then(
    async response => {
      await response.arrayBuffer();
      return response.status;
    },
    error => error.cause?.code ?? 'no answer',
  );
  return { status, ms: Math.round(performance.now() - started) };
}

function at(share) {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))];
}
