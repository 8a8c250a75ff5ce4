import { handlerBundles } from '../lib/bundling/handler-bundles.ts';

/** Part of `npm run build`: the published package brings its handlers bundled. */
process.stdout.write(`handlers bundled in ${await handlerBundles()}\n`);
