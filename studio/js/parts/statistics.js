/** What came of it all: totals, the last days, and the poses used most. */

export function statistics() {}
