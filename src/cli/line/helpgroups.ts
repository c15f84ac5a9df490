/** Commands that stand together in the help, and what is above them there. */
export const groups = {
  tables: "on tables of events",
  workspaces: "on workspaces (pyhf's JSON), with pyhf's options and output",
  statistics: "and beyond pyhf's, with --json, --plot and --html",
  program: "of the program",
} as const;
