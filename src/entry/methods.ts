// The methods of Tensor. An op file installs its own as it loads, and no value says that somebody needs them, so this
// file and those that import it stand under `sideEffects` in package.json.

import "../ops/arith.js";
import "../ops/exp.js";
import "../ops/fold.js";
import "../ops/join.js";
import "../ops/linalg.js";
import "../ops/reduce.js";
import "../ops/reshape.js";
import "../ops/special.js";
import "../ops/trig.js";
