/** A program of the project that ends by itself, run by Node. */
import type { JobNode } from '../../blueprint/blueprint.ts';
import type { LogBook } from '../run/log-book.ts';
import type { RunContext } from './context.ts';
import { type Copy, JobCopy } from './copy.ts';
import { programLaunch } from './program.ts';

export function makeCopy(context: RunContext, node: JobNode, _copy: number, log: LogBook): Copy {
  const words = ['node', '--enable-source-maps', node.entry];
  return new JobCopy(context, node.name, () => programLaunch(context, node, words), log);
}
