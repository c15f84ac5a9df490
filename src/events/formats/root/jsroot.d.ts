/**
 * The little of jsroot 7.11 that root.ts and basket.ts use; jsroot is an optional peer, so it may be absent.
 */

declare module "jsroot/io" {
  export class FileProxy {
    openFile(): Promise<boolean>;
    getFileName(): string;
    getFileSize(): number;
    readBuffer(position: number, length: number): Promise<DataView>;
  }

  export class TBuffer {
    constructor(bytes: DataView, position: number, file: RootFile);
    classStreamer<T extends object>(target: T, className: string): T;
  }

  /** How a member of a class is stored. */
  export interface StreamerElement {
    readonly fArrayLength: number;
    readonly fArrayDim: number;
  }

  export interface RootFile {
    readonly fStreamerInfos?: {
      readonly arr?: readonly { readonly fElements?: { readonly arr?: readonly StreamerElement[] } }[];
    } | null;
    readonly fKeys: readonly { readonly fName: string; readonly fClassName: string }[];
    readObject(name: string): Promise<object | null>;
    readDirectory(name: string): Promise<{
      readonly fKeys?: readonly { readonly fName: string; readonly fClassName: string }[];
    } | null>;
    readBuffer(place: readonly number[]): Promise<DataView>;
  }

  export function openFile(proxy: FileProxy): Promise<RootFile | false>;

  /** Null when the bytes do not decompress to `size` bytes. */
  export function R__unzip(
    bytes: DataView,
    size: number,
    silent: boolean,
    at: number,
  ): Promise<DataView | null>;
}

declare module "jsroot/core" {
  /** What jsroot's modules share. */
  export const internals: {
    /** What unpacks Zstandard; jsroot loads a package for it where this is not set. */
    _ZstdStream?: { decompress(packed: Uint8Array): Uint8Array };
  };
}
