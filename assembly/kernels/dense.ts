import { apart } from "../check";
import { activations, denseBytes, LONGEST, strongZeros, vectorBytes } from "../generated/agreed";
import { f32_tanh, f64_tanh } from "../math/hyperbolic";
import { f32_sigmoid, f64_sigmoid } from "../math/sigmoid";
import { tile } from "../state";
import { rows1, rows2, rows3, rows4, strip } from "./gemm";
import { from1, from2, row } from "./thin";

/** y = act(W^T x + b) over a tile of f32 events; see `dense`. */
export function f32_dense(pc: usize): void {
  dense<f32>(pc, 0);
}

/** y = act(W^T x + b) over a tile of f64 events; see `dense`. */
export function f64_dense(pc: usize): void {
  dense<f64>(pc, 0);
}

/** The same without bias and with strong zeros; see `dense`. */
export function f32_denseMasked(pc: usize): void {
  dense<f32>(pc, load<u32>(pc, 48));
}

/** The same without bias and with strong zeros; see `dense`. */
export function f64_denseMasked(pc: usize): void {
  dense<f64>(pc, load<u32>(pc, 48));
}

/** Most inputs of one pass over packed strips: a strip (8 KiB) and a panel stay in the L1 cache. */
const longest: usize = LONGEST;

/** Bytes of a tile of x that is read in place: panel after panel finds it in the L2 cache. */
const small: usize = 262144;

/**
 * Words 2...: in, out, T, y, x, W f64[in][out], b f64[out] or 0, act (`activations`),
 * scratch, and for a gate also events g [out][T]: y is 0 where g is not above 0.
 * x is [in][T], y [out][T]; they may not overlap. The first tile of a block packs W and b to the dtype of the events.
 * Scratch: `denseBytes`.
 *
 * `strong`, word 12 of the masked kernels (11 is the gate or 0), says whose zeros are strong (`strongZeros`: first of x, second of W): where a
 * mask made a cotangent 0, the other factor may be infinite or NaN, and the product is 0. Whether W is such that this
 * can matter is known once per block; only then results are looked at, and those that are not finite made again.
 */
function dense<T>(pc: usize, strong: u32): void {
  const inputs = <usize>load<u32>(pc, 8);
  const outputs = <usize>load<u32>(pc, 12);
  const pitch = <usize>load<u32>(pc, 16) * sizeof<T>();
  const y = <usize>load<u32>(pc, 20);
  const x = <usize>load<u32>(pc, 24);
  const act = load<u32>(pc, 36);
  const bias = <usize>load<u32>(pc, 40);
  const panels = bias + vectorBytes(outputs, sizeof<T>());
  const whole = inputs * pitch <= small || outputs <= 32;
  const blocks: usize = whole ? 1 : (inputs + longest - 1) / longest;
  const most = (inputs + blocks - 1) / blocks;
  if (!ASC_NO_ASSERT) apart(y, outputs * pitch, x, inputs * pitch);
  if (!ASC_NO_ASSERT) apart(bias, panels - bias + inputs * outputs * sizeof<T>(), x, inputs * pitch);
  if (tile == 0) pack<T>(inputs, outputs, most, <usize>load<u32>(pc, 28), <usize>load<u32>(pc, 32), bias, panels);
  const seen = ((panels + inputs * outputs * sizeof<T>() + 15) & ~15) + 32 * min<usize>(inputs, longest);
  if (!ASC_NO_ASSERT) assert(seen + 4 <= bias + denseBytes(inputs, outputs, sizeof<T>()), "a dense layer has too little room");
  if (strong && tile == 0) store<u32>(seen, <u32>delicate<T>(strong, <usize>load<u32>(pc, 28), inputs * outputs));
  const none = <T>-Infinity;
  const least = act == activations.relu ? <T>0 : none;
  const gate = act == activations.gate ? <usize>load<u32>(pc, 44) - y : 0;
  if (whole) {
    if (gate) narrow<T, usize>(inputs, outputs, x, panels, bias, y, pitch, gate);
    else narrow<T, T>(inputs, outputs, x, panels, bias, y, pitch, least);
  } else {
    const buffer = (panels + inputs * outputs * sizeof<T>() + 15) & ~15;
    for (let k: usize = 0; k < inputs; k += most) {
      const depth = min(most, inputs - k);
      const start: usize = k ? 0 : bias;
      const last = k + depth == inputs;
      const w = panels + k * outputs * sizeof<T>();
      for (let e: usize = 0; e < pitch; e += strip) {
        copyStrip(depth, x + k * pitch + e, pitch, buffer);
        if (last && gate) wide<T, usize>(depth, outputs, buffer, w, start, y + e, pitch, gate);
        else wide<T, T>(depth, outputs, buffer, w, start, y + e, pitch, last ? least : none);
      }
    }
  }
  if (act == activations.tanh || act == activations.sigmoid) activate<T>(act, y, y + outputs * pitch);
  if (strong && load<u32>(seen)) mend<T>(strong, inputs, outputs, pitch, x, <usize>load<u32>(pc, 28), y);
}

/** Whether weights are so that strong zeros matter: not finite where those of x are, 0 where their own are. */
function delicate<T>(strong: u32, W: usize, count: usize): bool {
  for (let i: usize = 0; i < count; i++) {
    const w = <T>load<f64>(W + i * 8);
    if ((strong & strongZeros.first && w - w != 0) || (strong & strongZeros.second && w == 0)) return true;
  }
  return false;
}

/** Results that are not finite once more, without the products that a strong zero makes 0. */
function mend<T>(strong: u32, inputs: usize, outputs: usize, pitch: usize, x: usize, W: usize, y: usize): void {
  for (let j: usize = 0; j < outputs; j++) {
    for (let e: usize = 0; e < pitch; e += sizeof<T>()) {
      const old = load<T>(y + e);
      if (old - old == 0) continue;
      let sum = 0.0;
      for (let i: usize = 0; i < inputs; i++) {
        const a = load<T>(x + i * pitch + e);
        const w = <T>load<f64>(W + (i * outputs + j) * 8);
        if ((strong & strongZeros.first && a == 0) || (strong & strongZeros.second && w == 0)) continue;
        sum += <f64>a * <f64>w;
      }
      store<T>(y + e, <T>sum);
    }
    y += pitch;
  }
}

/** Every panel over all events. */
function narrow<T, L>(
  depth: usize, outputs: usize, x: usize, w: usize, bias: usize, y: usize, pitch: usize, limit: L,
): void {
  if (depth == 1) return from1<T, L>(outputs, x, w, bias, y, pitch, limit);
  if (depth == 2) return from2<T, L>(outputs, x, w, bias, y, pitch, limit);
  const strips = pitch / strip;
  for (let left = outputs; left;) {
    const r = rowsOf(depth, left);
    if (r == 4) rows4<T, L>(depth, x, pitch, strips, w, bias, y, pitch, limit);
    else if (r == 3) rows3<T, L>(depth, x, pitch, strips, w, bias, y, pitch, limit);
    else if (r == 2) rows2<T, L>(depth, x, pitch, strips, w, bias, y, pitch, limit);
    else if (strips & 3) rows1<T, L>(depth, x, pitch, strips, w, bias, y, pitch, limit);
    else row<T, L>(depth, x, pitch, strips >> 2, w, bias, y, limit);
    left -= r;
    w += r * depth * sizeof<T>();
    bias += r * sizeof<T>();
    y += r * pitch;
  }
}

/** Every panel over one packed strip. */
function wide<T, L>(
  depth: usize, outputs: usize, x: usize, w: usize, bias: usize, y: usize, pitch: usize, limit: L,
): void {
  for (let left = outputs; left;) {
    const r = rowsOf(longest, left);
    if (r == 4) rows4<T, L>(depth, x, strip, 1, w, bias, y, pitch, limit);
    else if (r == 3) rows3<T, L>(depth, x, strip, 1, w, bias, y, pitch, limit);
    else if (r == 2) rows2<T, L>(depth, x, strip, 1, w, bias, y, pitch, limit);
    else rows1<T, L>(depth, x, strip, 1, w, bias, y, pitch, limit);
    left -= r;
    w += r * depth * sizeof<T>();
    if (bias) bias += r * sizeof<T>();
    y += r * pitch;
  }
}

/** Rows of the next panel when `left` remain: fours, then threes; 2 and 1 only for 1, 2 and 5 outputs. */
// @ts-ignore: decorator
@inline function rowsOf(depth: usize, left: usize): usize {
  if (depth < 3) return 1;
  return left > 9 || left == 8 || left == 7 || left == 4 ? 4 : min<usize>(left, 3);
}

/** W to blocks of at most `most` inputs, each a row of panels [k][rows]; b, or zeros, to `bias`. */
function pack<T>(inputs: usize, outputs: usize, most: usize, W: usize, b: usize, bias: usize, to: usize): void {
  const line = outputs * 8;
  for (let j: usize = 0; j < outputs; j++)
    store<T>(bias + j * sizeof<T>(), b ? <T>load<f64>(b + j * 8) : 0);
  for (let k: usize = 0; k < inputs; k += most) {
    const depth = min(most, inputs - k);
    for (let left = outputs; left;) {
      const r = rowsOf(most, left);
      let from = W + k * line + (outputs - left) * 8;
      for (let n = depth; n; n--) {
        if (r == 4) put4<T>(to, from);
        else for (let i: usize = 0; i < r; i++) store<T>(to + i * sizeof<T>(), <T>load<f64>(from + i * 8));
        from += line;
        to += r * sizeof<T>();
      }
      left -= r;
    }
  }
}

/** Four weights. */
// @ts-ignore: decorator
@inline function put4<T>(to: usize, from: usize): void {
  const a = v128.load(from);
  const b = v128.load(from, 16);
  if (sizeof<T>() == 4) {
    v128.store(to, v128.shuffle<u64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2));
  } else {
    v128.store(to, a);
    v128.store(to, b, 16);
  }
}

/** One strip of events, made contiguous. */
function copyStrip(depth: usize, x: usize, pitch: usize, to: usize): void {
  for (; depth; depth--) {
    v128.store(to, v128.load(x));
    v128.store(to, v128.load(x, 16), 16);
    x += pitch;
    to += strip;
  }
}

/** tanh or sigmoid in place. */
function activate<T>(act: u32, y: usize, end: usize): void {
  if (act == activations.tanh) for (; y < end; y += 16) v128.store(y, tanh<T>(v128.load(y)));
  else for (; y < end; y += 16) v128.store(y, sigmoid<T>(v128.load(y)));
}

// @ts-ignore: decorator
@inline function tanh<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? f32_tanh(x) : f64_tanh(x);
}

// @ts-ignore: decorator
@inline function sigmoid<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? f32_sigmoid(x) : f64_sigmoid(x);
}
