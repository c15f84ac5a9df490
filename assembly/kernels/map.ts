import { apart } from "../check";
import { run } from "../generated/tape";

/**
 * Runs a body once per element. Operands count, start, end, nIn, nOut, then for each input and each output
 * dst, src, stride, bytes. An element copies bytes from src + i stride to dst for the inputs (stride 0: the same for
 * all), runs [start, end), and copies from src to dst + i stride for the outputs.
 */
export function any_map(pc: usize): void {
  const count = load<u32>(pc, 8);
  const start = <usize>load<u32>(pc, 12);
  const end = <usize>load<u32>(pc, 16);
  const ins = pc + 28;
  const outs = ins + 16 * <usize>load<u32>(pc, 20);
  const stop = outs + 16 * <usize>load<u32>(pc, 24);
  for (let i: usize = 0; i < count; i++) {
    for (let p = ins; p < outs; p += 16) {
      if (!ASC_NO_ASSERT) apart(word(p, 0), word(p, 3), word(p, 1) + i * word(p, 2), word(p, 3));
      memory.copy(word(p, 0), word(p, 1) + i * word(p, 2), word(p, 3));
    }
    run(start, end);
    for (let p = outs; p < stop; p += 16)
      memory.copy(word(p, 0) + i * word(p, 2), word(p, 1), word(p, 3));
  }
}

// @ts-ignore: decorator
@inline function word(p: usize, i: usize): usize {
  return <usize>load<u32>(p + i * 4);
}
