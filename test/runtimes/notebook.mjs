// Runs examples/notebook.ipynb in Deno's kernel, and compares what its cells show with what stands in it: npm run test:notebook
//
// Needs deno, and a Python with jupyter_client: that in GRADCUT_PYTHON, or python3. With UPDATE_DOCS=1 it writes the notebook.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cells } from "./cells.mjs";
import { Stage } from "./stage.mjs";
import { tools } from "./tools.mjs";

const here = import.meta.dirname;
const page = resolve(here, "../../examples/notebook.ipynb");
const python = process.env.GRADCUT_PYTHON ?? "python3";
const isCode = (cell) => !cell.startsWith("#");
const lines = (text) => text.split(/(?<=\n)/);

/** The notebook of the cells, with what they show. */
function notebook(outputs) {
  const made = cells.map((source, i) =>
    !isCode(source)
      ? { cell_type: "markdown", id: `cell-${i}`, metadata: {}, source: lines(source) }
      : {
          cell_type: "code",
          execution_count: null,
          id: `cell-${i}`,
          metadata: {},
          outputs: outputs[i] ?? [],
          source: lines(source),
        },
  );
  const metadata = {
    kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
    language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
  };
  return { cells: made, metadata, nbformat: 4, nbformat_minor: 5 };
}

const written = (value) => `${JSON.stringify(value, null, 1)}\n`;

/** What the cells show in Deno's kernel; throws where one fails. */
function run(stage, deno) {
  const kernel = join(stage.program, "jupyter", "kernels", "deno");
  mkdirSync(kernel, { recursive: true });
  const argv = [deno, "jupyter", "--kernel", "--conn", "{connection_file}"];
  writeFileSync(
    join(kernel, "kernel.json"),
    JSON.stringify({ argv, display_name: "Deno", language: "typescript" }),
  );
  const env = { ...process.env, JUPYTER_PATH: join(stage.program, "jupyter"), NO_COLOR: "1" };
  const { status, stdout, stderr, error } = spawnSync(python, [join(here, "runnotebook.py")], {
    ...{ cwd: stage.program, env, input: JSON.stringify(cells.filter(isCode)), encoding: "utf8" },
    timeout: 150_000,
  });
  if (status !== 0) throw error ?? new Error(stderr.slice(-3000));
  const shown = JSON.parse(stdout);
  return cells.map((cell) => (isCode(cell) ? shown.shift().map(output) : []));
}

/** As notebooks keep it: texts are lists of lines, and no run is the first. */
const output = ({ data, metadata, ...rest }) => ({
  ...(data && {
    data: Object.fromEntries(Object.entries(data).map(([type, text]) => [type, lines(text)])),
    metadata: metadata ?? {},
  }),
  ...rest,
  ...("execution_count" in rest && { execution_count: null }),
});

const deno = tools.deno.find();
const hasClient = spawnSync(python, ["-c", "import jupyter_client"], { stdio: "ignore" }).status === 0;
if (deno === null || !hasClient) {
  const what =
    deno === null ? tools.deno.remedy : `pip install jupyter_client, and name that Python in GRADCUT_PYTHON`;
  console.log(`The notebook is not run: ${what}.`);
} else {
  const stage = new Stage();
  try {
    const found = written(notebook(run(stage, deno)));
    if (process.env.UPDATE_DOCS) writeFileSync(page, found);
    const same = readFileSync(page, "utf8") === found;
    console.log(
      `${cells.length} cells: ${same ? "show what stands in the notebook" : "WRONG; write the notebook with UPDATE_DOCS=1"}`,
    );
    process.exitCode = same ? 0 : 1;
  } finally {
    await stage.close();
  }
}
