// The CRC-32 of a ZIP member (APPNOTE.TXT 4.4.7).

const TABLE = Int32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Return the CRC of data that follows on data with another CRC. */
export function crc32(data, before = 0) {
  let crc = ~before;
  for (let at = 0; at < data.length; at++) crc = TABLE[(crc ^ data[at]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
