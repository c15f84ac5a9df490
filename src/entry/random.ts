/**
 * Random numbers as functions of keys, as in JAX.
 *
 * @module gradcut/random
 */

export { InputError } from "../core/errors.js";
export { foldIn, type Key, key, normal, split, truncatedNormal, uniform } from "../random/keys.js";
export { GivenError, GradcutError, InternalError, OptionError } from "../text/gradcuterror.js";
