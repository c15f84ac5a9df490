import type { Legal } from "../../text/legal.js";
import { Tensor } from "./tensor.js";

export * from "../../text/checkoptions.js";
export * from "../../text/legal.js";

export const tensor: Legal = {
  words: "a Tensor",
  accepts: (value) => value instanceof Tensor,
};
export const operand: Legal = {
  words: "a Tensor or a number",
  accepts: (value) => value instanceof Tensor || typeof value === "number",
};
