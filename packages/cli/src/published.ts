import { needWorkspace } from './need-workspace.ts';
import { run } from './run.ts';

// The package from the registry: what needs a clone says so.
await run(needWorkspace());
