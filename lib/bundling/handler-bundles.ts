import { join } from 'node:path';
import { bundleHandlers } from './bundle-handlers.ts';

const RUNS_FROM_SOURCE = import.meta.filename.endsWith('.ts');

/**
 * The folder with the bundled handlers. In a checkout they are bundled when something changed; an
 * installed package brings them along (`npm run build`), because it has no sources to bundle.
 */
export async function handlerBundles(): Promise<string> {
  if (!RUNS_FROM_SOURCE) return join(import.meta.dirname, '../../handlers');
  const project = join(import.meta.dirname, '../..');
  const { directory } = await bundleHandlers({
    entryDirectory: join(project, 'lambdas'),
    outDirectory: join(project, 'dist/handlers'),
  });
  return directory;
}
