// The two file formats that hold one picture in several sizes; both take PNG as it is.

import { Buffer } from "node:buffer";

const ICO_HEADER_BYTES = 6;
const ICO_ENTRY_BYTES = 16;
// Type codes of PNG pictures in Apple's icon format; the same size may stand there twice, once
// as twice the density of half of it.
const ICNS_TYPES = [
  ["icp4", 16],
  ["icp5", 32],
  ["ic11", 32],
  ["icp6", 64],
  ["ic12", 64],
  ["ic07", 128],
  ["ic08", 256],
  ["ic13", 256],
  ["ic09", 512],
  ["ic14", 512],
  ["ic10", 1024],
];

/** A Windows icon of the given pictures: `[pixels, png]`, 256 pixels at most. */
export function ico(pictures) {
  const header = Buffer.alloc(ICO_HEADER_BYTES);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = ICO_HEADER_BYTES + ICO_ENTRY_BYTES * pictures.length;
  const entries = pictures.map(([pixels, png]) => {
    const entry = Buffer.alloc(ICO_ENTRY_BYTES);
    // One byte each for width and height; 0 stands for 256.
    entry.writeUInt8(pixels % 256, 0);
    entry.writeUInt8(pixels % 256, 1);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    entry.writeUInt32LE(png.length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += png.length;
    return entry;
  });
  return Buffer.concat([header, ...entries, ...pictures.map(([, png]) => png)]);
}

/** An Apple icon; `draw` gives the PNG of so many pixels. */
export function icns(draw) {
  const chunks = ICNS_TYPES.map(([type, pixels]) => chunk(type, draw(pixels)));
  return chunk("icns", Buffer.concat(chunks));
}

function chunk(type, content) {
  const head = Buffer.alloc(8);
  head.write(type, 0, "ascii");
  head.writeUInt32BE(content.length + head.length, 4);
  return Buffer.concat([head, content]);
}
