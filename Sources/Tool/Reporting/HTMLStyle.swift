/// The report's style sheet.
///
/// Print always has the light colours: the dark ones are for screens only.
let styleSheet = """
  :root {
  color-scheme: light;
  \(variables { $0.light })
  }
  @media screen and (prefers-color-scheme: dark) {
  :root {
  color-scheme: dark;
  \(variables { $0.dark })
  }
  }
  * { box-sizing: border-box; }
  html { -webkit-text-size-adjust: 100%; }
  body {
    margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 54rem;
    font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
    color: var(--text); background: var(--paper);
    font-variant-numeric: tabular-nums;
  }
  h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
  h2 { font-size: 1.3rem; line-height: 1.3; margin: 3rem 0 0.75rem; padding-top: 1rem; border-top: 1px solid var(--grid); }
  h3 { font-size: 1.05rem; margin: 2rem 0 0.5rem; }
  p, ul, dl, pre { margin: 0 0 1rem; }
  ul { padding-left: 1.25rem; }
  a { color: var(--series-0); text-decoration: none; }
  a:hover { text-decoration: underline; }
  code { font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
  p code, li code, dd code, figcaption code, caption code { background: var(--shade); padding: 0.1em 0.3em; border-radius: 3px; }
  pre { background: var(--shade); padding: 0.75rem 1rem; border-radius: 4px; overflow-x: auto; line-height: 1.45; }
  .subtitle { color: var(--muted); font-size: 1.1rem; margin: 0.5rem 0 0; }
  .facts { display: flex; flex-wrap: wrap; gap: 0.75rem 2rem; margin: 1.5rem 0 0; }
  .facts dt { color: var(--muted); font-size: 0.8rem; }
  .facts dd { margin: 0; }
  nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-top: 1.5rem; font-size: 0.9rem; }
  .note { background: var(--shade); border-left: 3px solid var(--series-1); padding: 0.6rem 1rem; }
  .definitions { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: 0.5rem 1.5rem; }
  .definitions dt { font-weight: 600; }
  .definitions dd { margin: 0; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; font-size: 0.88rem; line-height: 1.4; margin: 0 0 1.5rem; }
  caption { text-align: left; color: var(--muted); padding-bottom: 0.5rem; }
  th, td { padding: 0.35rem 0.55rem; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--grid); }
  th:first-child, td:first-child { padding-left: 0; }
  thead th { color: var(--muted); font-weight: 500; border-bottom: 1px solid var(--muted); }
  thead td { border-bottom: none; }
  thead tr:last-child td { border-bottom: 1px solid var(--muted); }
  thead .group { color: var(--text); border-bottom: 1px solid var(--grid); }
  tbody th { font-weight: 500; white-space: nowrap; }
  .number { text-align: right; white-space: nowrap; }
  .long { min-width: 9.5rem; }
  .group { text-align: center; }
  .margin { color: var(--muted); font-size: 0.85em; white-space: nowrap; padding-left: 0; }
  .number:has(+ .margin) { padding-right: 0.35rem; }
  figure { margin: 1.5rem 0 2rem; break-inside: avoid; }
  figure svg { display: block; max-width: 100%; height: auto; min-width: 32rem; }
  figure img { display: block; max-width: 100%; height: auto; }
  figcaption { color: var(--muted); font-size: 0.9rem; line-height: 1.45; margin-top: 0.6rem; max-width: 44rem; }
  .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1.5rem; align-items: start; margin: 1.5rem 0 2rem; }
  .figures figure { margin: 0; min-width: 0; }
  .figures figure svg { min-width: 0; }
  @media (max-width: 36rem) {
    body { padding-top: 1.5rem; }
    .definitions { display: block; }
    .definitions dd { margin-bottom: 0.9rem; }
  }
  @page { size: A4; margin: 18mm 16mm; }
  @media print {
    body { padding: 0; max-width: none; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    nav { display: none; }
    h2, h3 { break-after: avoid; }
    tr, .note { break-inside: avoid; }
    thead { display: table-header-group; }
    .scroll { overflow: visible; }
    pre { white-space: pre-wrap; }
    a { color: inherit; }
  }

  """

private func variables(_ color: (Ink) -> String) -> String {
  Ink.all.map { "\($0.variable): \(color($0));" }.joined(separator: "\n")
}
