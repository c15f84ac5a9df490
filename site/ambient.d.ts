declare module "*.wasm?url" {
  const address: string;
  export default address;
}
declare module "*.json?url" {
  const address: string;
  export default address;
}
/** The version of the library, set by the build. */
declare const __VERSION__: string;

interface ImportMeta {
  readonly env: { readonly PROD: boolean };
}
