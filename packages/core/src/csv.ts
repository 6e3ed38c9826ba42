/** What a spreadsheet would reckon with; for Papa's `escapeFormulae`, whose own misses a text with a line break. */
export const formula = /^[=+\-@\t\r]/;
