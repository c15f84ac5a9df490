// Property tests draw the same cases each time, so a run tells of a change; GRADCUT_RUNS=20 draws others, and more.

import fc from "fast-check";

if (process.env.GRADCUT_RUNS === undefined) fc.configureGlobal({ seed: 1 });
