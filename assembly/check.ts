/** Assertions of checked builds (see build.mjs). Calls stand behind `!ASC_NO_ASSERT`: of others not a byte changes. */

/** [address, address + bytes) lies in the arena, and address is one of a number of at least 4 bytes. */
// @ts-ignore: decorator
@inline export function inside(address: usize, bytes: usize): void {
  assert((address & 3) == 0, "an operand is not aligned");
  assert(address >= __heap_base, "an operand lies below the arena");
  const size = <usize>memory.size() << 16;
  assert(address <= size && bytes <= size - address, "an operand ends behind the arena");
}

/** The same, and that [out, out + bytes) and [a, a + size) have nothing in common: for what is not done in place. */
// @ts-ignore: decorator
@inline export function apart(out: usize, bytes: usize, a: usize, size: usize): void {
  inside(out, bytes);
  inside(a, size);
  assert(out + bytes <= a || a + size <= out, "a result lies over an operand that is still read");
}
