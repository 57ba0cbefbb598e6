/** Server-sent events, read from a response's body. */

/** Each message with its `id`, `event` and `data`; `beat` is called for whatever comes, comments too. */
export async function* messages(body, beat) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    beat();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const message = parsed(block);
      if (message.data) yield message;
    }
  }
}

function parsed(block) {
  const message = {};
  for (const line of block.split("\n")) {
    const [, name, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
    if (name) message[name] = name in message ? `${message[name]}\n${value}` : value;
  }
  return message;
}
