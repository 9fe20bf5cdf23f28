/** What a body brings, as it arrives. */

type Bytes = Uint8Array<ArrayBuffer>;

/** The rest is not sent once no more is taken. */
export async function* piecesOf(body: ReadableStream<Bytes>): AsyncGenerator<Bytes> {
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    reader.cancel().catch(() => {}); // one that has failed says so to who reads it
  }
}
