// The help of the program. Every line fits 80 columns.

export const mainHelp = `gradcut: cuts and networks trained together on the physics goal

usage: gradcut COMMAND [options]

  train   train cuts and a network on tables of signal and background events
  apply   select the events of a trained model in any table, or mark them
  plot    draw the figures of a training as SVG, PNG and PDF
  demo    a search on toy events, trained up to its limit, with a report

on workspaces (pyhf's JSON), with pyhf's options and output
  inspect   what is in a workspace
  prune     a workspace without some of its parts
  rename    a workspace with other names
  combine   two workspaces in one
  sort      a workspace in order of names
  digest    the fingerprint of a workspace
  patchset  sets of patches: extract, apply, verify, inspect
  fit       the best fit
  cls       CLs of a value of the parameter of interest

and beyond pyhf's, with --json, --plot and --html
  upperlimit    upper limits and the Brazil band
  significance  discovery p-value and significance
  scan          the profile likelihood along one parameter, or over two
  pulls         parameters, their pulls and correlations
  ranking       impacts of parameters on the parameter of interest
  gof           goodness of fit
  yields        expected and observed events, before and after the fit

  gradcut COMMAND --help      the options of a command
  gradcut --version           the version
`;
