/** Where the sweep stands. Set by `sweep` before each tile, read by the kernels that load, store and fold. */

/** Index of the current tile in the block. */
export let tile: i32 = 0;

/** The tile that lies at the start of the staging areas: a block of wide rows is staged part by part. */
export let staged: i32 = 0;

/** Number of tiles in the block. */
export let tiles: i32 = 1;

/** Valid rows of the current tile; the lanes behind them are padding. */
export let rows: i32 = 0;

/** Says which tile the staging areas start with. */
export function setStaged(index: i32): void {
  staged = index;
}

/** Moves to another tile. */
export function setTile(index: i32, count: i32, valid: i32): void {
  tile = index;
  tiles = count;
  rows = valid;
}
