// The cells of examples/notebook.ipynb: texts in Markdown begin with a heading, all others are code.
export const cells = [
  `# gradcut in a notebook

Deno has a kernel for notebooks: \`deno jupyter --install\`, then open this in Jupyter or VS Code. The last value of a cell is shown:
answers, trainings, arrays and tables as tables, and a figure by \`show\`. Where there is no package.json beside it, import from
\`npm:gradcut\`.`,
  `import { adam, array, cut, fit, hessian, init, logYield, table, train, uncorrelatedBackground, upperLimit } from "gradcut";
import { brazil, pulls as drawPulls, show } from "gradcut/plot";
import { key, normal, split } from "gradcut/random";
import { limitScan, pulls } from "gradcut/stats";

await init();`,
  `## Events`,
  `const [s, b] = split(key(1), 2);
const signal = table({ pt: normal(s, 2000).map((z) => 60 + 12 * z) });
const background = table({ pt: normal(b, 4000).map((z) => 35 + 15 * z) });
signal`,
  `## A trained cut`,
  `const selection = cut("pt > {ptMin = 30}", { width: 3 });
const trained = await train(
  (p, { signal, background }) => {
    const [s, b] = [signal, background].map((e) => logYield(selection.logSoft(p, e)));
    return b.mul(0.5).sub(s); // -log(S / √B)
  },
  { params: selection.init(), data: { signal, background }, optimizer: adam(0.5), steps: 60 },
);
trained`,
  `## A fit and a limit`,
  `const model = uncorrelatedBackground([12, 11], [50, 52], [3, 7]);
const data = [51, 48, ...model.suggestedAuxdata()];
fit(data, model)`,
  `upperLimit(data, model)`,
  `show(brazil(limitScan(Array.from({ length: 16 }, (_, i) => 0.2 * i), data, model)))`,
  `show(drawPulls(pulls(data, model)))`,
  `array([[1, 0.25], [0.25, 2]])`,
];
