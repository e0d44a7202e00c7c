// The address to open for a call: the operator's template with the call's data in it. Pure.
//
// `{KEY}` is a key of the interaction data, percent-encoded whole: whatever a caller sends, it
// stays within the place the template gives it. Only http and https are opened.

/** Undefined if the template is none, or there is nothing to put into it. */
export function screenPopUrl(
  template: string,
  data: Readonly<Record<string, unknown>>,
): string | undefined {
  let isEmpty = false;
  const text = template.replace(/\{([^{}]+)\}/g, (_, key: string) => {
    const value = Object.hasOwn(data, key) ? data[key] : undefined;
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
    if (!isPlain || value === '') isEmpty = true;
    return isPlain ? encodeURIComponent(wellFormed(String(value))) : '';
  });
  if (isEmpty) return undefined;
  return isWebAddress(text) ? text : undefined;
}

/** Half of a surrogate pair cannot be encoded. */
function wellFormed(text: string): string {
  return Array.from(text, (it) => (/^[\ud800-\udfff]$/.test(it) ? '\ufffd' : it)).join('');
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === 'https:' || protocol === 'http:';
}
