import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { init } from "../../src/index.js";
import { failure, muons, run, writeRows } from "../kit/clirun.js";
import { type FileServer, fileServer } from "../kit/fileserver.js";
import { scratch } from "../kit/scratch.js";

const { at } = scratch();
let server: FileServer;
beforeAll(async () => {
  await init();
  server = await fileServer();
});
afterAll(() => server.close());

describe("addresses on the command line", () => {
  it("are as good as paths: a training and what applies it give the same", async () => {
    const paths = (["signal", "background"] as const).map((kind, i) =>
      writeRows(at(`${kind}.csv`), muons(kind, 300, i)),
    );
    const urls = paths.map((path, i) => server.put(`/${i}.csv`, readFileSync(path)));
    const trained = async ([signal, background]: readonly string[]) => {
      const files = ["--signal", signal!, "--background", background!, "--cut", "pt > {p = 30}"];
      const answer = await run(["train", ...files, "--steps", "5", "--threads", "1", "--json"]);
      expect(answer).toMatchObject({ status: 0, err: expect.stringContaining("signal: 300 events") });
      const { cuts } = JSON.parse(answer.out);
      expect(cuts.p.end).not.toBe(cuts.p.start);
      return cuts;
    };
    expect(await trained(urls)).toEqual(await trained(paths));
    const applied = async (file: string) => {
      const out = at(`${file.length}.csv`);
      const { status, out: text } = await run(["apply", "--cut", "pt > 40", file, "--out", out]);
      expect(status).toBe(0);
      return [text.split("\n")[0]!.replace(file, "FILE"), readFileSync(out, "utf8")];
    };
    const [path, url] = [await applied(paths[0]!), await applied(urls[0]!)];
    expect(url[1]).toBe(path[1]);
    expect(url[0]!.replace(/ +/g, " ")).toBe(path[0]!.replace(/ +/g, " "));
  });

  it("that lead nowhere are one line", async () => {
    const url = `${server.url}/none.csv`;
    const text = await failure("train", "--signal", url, "--background", url, "--cut", "pt > {p = 30}");
    expect(text).toBe(`gradcut: ${url}: There is no such file on the server (404).\n`);
  });
});
