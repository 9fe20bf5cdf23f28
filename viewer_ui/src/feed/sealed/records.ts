/** The records that the output of an encrypted run consists of; docs/protocol.md says how they are laid out. */

import type { Written } from "../../log/timing";
import { RECORD_BYTES } from "../../protocol";
import type { Bytes, Open } from "./cipher";

const [SIZES, NONCE, TAG, MARK, PLACE] = [6, 12, 16, 13, 16];

/** Some output from an offset on, and when which of it was written. */
export interface Opened {
  data: Bytes;
  marks: Written[];
}

/** What came isn't what was encrypted with this key, in this order. */
export class Tampered extends Error {}

export class Records {
  #pending: Bytes = new Uint8Array();
  #count = 0;
  #end = 0;

  constructor(private open: Open) {}

  /** The output in the records that are whole with the bytes that come next; rejects with `Tampered`. */
  async take(piece: Uint8Array): Promise<Opened[]> {
    const bytes = new Uint8Array(this.#pending.length + piece.length);
    bytes.set(this.#pending);
    bytes.set(piece, this.#pending.length);
    const records: Bytes[] = [];
    let at = 0;
    for (let size = sizeOf(bytes, at); at + size <= bytes.length; size = sizeOf(bytes, at)) {
      records.push(bytes.subarray(at, at + size));
      at += size;
    }
    this.#pending = bytes.slice(at);
    return Promise.all(records.map((record) => this.#open(record))).catch(() => {
      throw new Tampered();
    });
  }

  async #open(record: Bytes): Promise<Opened> {
    const [at, count] = [this.#end, markCountOf(record)];
    const associated = new Uint8Array(PLACE + SIZES);
    const place = new DataView(associated.buffer);
    place.setBigUint64(0, BigInt(this.#count++));
    place.setBigUint64(8, BigInt(at));
    associated.set(record.subarray(0, SIZES), PLACE);
    this.#end += lengthOf(record);
    const payload = await this.open(record.subarray(SIZES), associated);
    const view = new DataView(payload.buffer, payload.byteOffset);
    const marks = Array.from({ length: count }, (_, n): Written => {
      const mark = n * MARK;
      return [at + view.getUint32(mark), view.getFloat64(mark + 4), view.getUint8(mark + 12)];
    });
    return { data: payload.subarray(count * MARK), marks };
  }
}

function viewOf(bytes: Bytes, at = 0): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at);
}

function lengthOf(record: Bytes, at = 0): number {
  return viewOf(record, at).getUint32(0);
}

function markCountOf(record: Bytes, at = 0): number {
  return viewOf(record, at).getUint16(4);
}

/** The size of the record that begins at an offset, as far as that is known. */
function sizeOf(bytes: Bytes, at: number): number {
  if (at + SIZES > bytes.length) return SIZES;
  const length = lengthOf(bytes, at);
  if (!length || length > RECORD_BYTES) throw new Tampered();
  return SIZES + NONCE + markCountOf(bytes, at) * MARK + length + TAG;
}
