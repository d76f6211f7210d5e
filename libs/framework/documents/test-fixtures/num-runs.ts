/** How many examples a property is tried with; `DOCUMENTS_TEST_RUNS=2000` for a long search. */
export const numRuns = Number(process.env.DOCUMENTS_TEST_RUNS ?? 40);
