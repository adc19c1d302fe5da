/**
 * Reads the tables of a 64-bit little-endian ELF shared library that name its imported symbols and their versions.
 * Every read is checked against the file's length; a file with inconsistent tables throws {@link ElfUnexpected}.
 */

/** The file is not as this reader expects. Its message says what was found. */
export class ElfUnexpected extends Error {
  override readonly name = 'ElfUnexpected';
}

export function expected(condition: boolean, statement: string): asserts condition {
  if (!condition) throw new ElfUnexpected(statement);
}

/** The section types that are read (System V ABI; the versions are GNU extensions). */
const sectionTypes = {
  '.dynsym': 11,
  '.dynstr': 3,
  '.gnu.version': 0x6fff_ffff,
  '.gnu.version_r': 0x6fff_fffe,
} as const;
type SectionName = keyof typeof sectionTypes;

type Section = {
  readonly index: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
};

/** One imported symbol; the offsets say where its name and version are written in the file. */
export type ImportedSymbol = {
  readonly name: string;
  readonly defined: boolean;
  readonly nameAt: number;
  readonly nameOffset: number;
  readonly versionAt: number;
  readonly version: number;
};

/** One version that the library needs of another library. Symbols refer to it by `index`. */
export type VersionNeed = {
  readonly library: string;
  readonly name: string;
  readonly nameOffset: number;
  readonly hash: number;
  readonly index: number;
  /** Where the hash is written in the file, and the offset of the name. */
  readonly hashAt: number;
  readonly nameAt: number;
};

export type ElfImage = {
  /** `e_machine`: 62 is x86-64, 183 is AArch64. */
  readonly machine: number;
  readonly symbols: () => Iterable<ImportedSymbol>;
  readonly versionNeeds: readonly VersionNeed[];
  /** The text at an offset of the dynamic string table. */
  readonly stringAt: (offset: number) => string;
};

const symbolBytes = 24;
const sectionHeaderBytes = 64;

/** Reads the tables. Throws {@link ElfUnexpected}. */
export function elfImage(bytes: Buffer): ElfImage {
  expected(bytes.length >= 64, 'shorter than an ELF header');
  expected(bytes.readUInt32BE(0) === 0x7f45_4c46, 'no ELF magic');
  expected(bytes[4] === 2 && bytes[5] === 1 && bytes[6] === 1, 'not 64-bit little-endian ELF');
  expected(bytes.readUInt16LE(16) === 3, 'not a shared library');
  const sections = sectionsOf(bytes);
  const dynsym = sections['.dynsym'];
  const dynstr = sections['.dynstr'];
  const versions = sections['.gnu.version'];
  const needs = sections['.gnu.version_r'];
  expected(dynsym.link === dynstr.index && needs.link === dynstr.index, 'names are kept elsewhere');
  expected(versions.link === dynsym.index, 'symbol versions belong to another symbol table');
  expected(dynsym.size % symbolBytes === 0, 'the symbol table is cut off');
  const symbolCount = dynsym.size / symbolBytes;
  expected(versions.size === symbolCount * 2, 'symbols and symbol versions differ in number');

  const stringAt = (offset: number): string => {
    expected(offset < dynstr.size, 'a name lies outside the string table');
    const start = dynstr.offset + offset;
    const end = bytes.indexOf(0, start);
    expected(end >= 0 && end < dynstr.offset + dynstr.size, 'a name has no end');
    return bytes.toString('latin1', start, end);
  };

  return {
    machine: bytes.readUInt16LE(18),
    stringAt,
    versionNeeds: versionNeedsOf(bytes, needs, stringAt),
    *symbols() {
      for (let index = 1; index < symbolCount; index++) {
        const nameAt = dynsym.offset + index * symbolBytes;
        const versionAt = versions.offset + index * 2;
        const nameOffset = bytes.readUInt32LE(nameAt);
        yield {
          name: stringAt(nameOffset),
          defined: bytes.readUInt16LE(nameAt + 6) !== 0,
          nameAt,
          nameOffset,
          versionAt,
          version: bytes.readUInt16LE(versionAt),
        };
      }
    },
  };
}

function sectionsOf(bytes: Buffer): Record<SectionName, Section> {
  const tableAt = offsetAt(bytes, 40);
  const entryBytes = bytes.readUInt16LE(58);
  const count = bytes.readUInt16LE(60);
  const namesIndex = bytes.readUInt16LE(62);
  expected(entryBytes === sectionHeaderBytes, 'section headers of an unknown size');
  expected(tableAt + count * sectionHeaderBytes <= bytes.length, 'the section headers are cut off');
  expected(namesIndex < count, 'no section names');
  const names = sectionAt(bytes, tableAt, namesIndex);

  const find = (name: SectionName): Section => {
    const found: Section[] = [];
    for (let index = 0; index < count; index++) {
      const headerAt = tableAt + index * sectionHeaderBytes;
      if (bytes.readUInt32LE(headerAt + 4) !== sectionTypes[name]) continue;
      const nameAt = names.offset + bytes.readUInt32LE(headerAt);
      if (bytes.toString('latin1', nameAt, nameAt + name.length + 1) !== `${name}\0`) continue;
      found.push(sectionAt(bytes, tableAt, index));
    }
    const [section] = found;
    expected(section !== undefined && found.length === 1, `not exactly one section ${name}`);
    return section;
  };
  return {
    '.dynsym': find('.dynsym'),
    '.dynstr': find('.dynstr'),
    '.gnu.version': find('.gnu.version'),
    '.gnu.version_r': find('.gnu.version_r'),
  };
}

function sectionAt(bytes: Buffer, tableAt: number, index: number): Section {
  const headerAt = tableAt + index * sectionHeaderBytes;
  const section = {
    index,
    offset: offsetAt(bytes, headerAt + 24),
    size: offsetAt(bytes, headerAt + 32),
    link: bytes.readUInt32LE(headerAt + 40),
    info: bytes.readUInt32LE(headerAt + 44),
  };
  expected(section.offset + section.size <= bytes.length, 'a section is cut off');
  return section;
}

/** `.gnu.version_r`: a list of libraries, each with a list of versions, linked by relative offsets. */
function versionNeedsOf(
  bytes: Buffer,
  section: Section,
  stringAt: (offset: number) => string,
): readonly VersionNeed[] {
  const end = section.offset + section.size;
  const needs: VersionNeed[] = [];
  // Offsets must lead forward: a list that leads back would never end.
  const entry = (from: number, distance: number): number => {
    expected(distance >= 16 && from + distance + 16 <= end, 'a version need lies outside its section');
    return from + distance;
  };
  expected(section.size >= 16, 'there are no version needs');
  let libraryAt = section.offset;
  for (let library = 1; library <= section.info; library++) {
    expected(bytes.readUInt16LE(libraryAt) === 1, 'version needs of an unknown kind');
    const versionCount = bytes.readUInt16LE(libraryAt + 2);
    const libraryName = stringAt(bytes.readUInt32LE(libraryAt + 4));
    let versionAt = entry(libraryAt, bytes.readUInt32LE(libraryAt + 8));
    for (let version = 1; version <= versionCount; version++) {
      const nameOffset = bytes.readUInt32LE(versionAt + 8);
      needs.push({
        library: libraryName,
        name: stringAt(nameOffset),
        nameOffset,
        hash: bytes.readUInt32LE(versionAt),
        index: bytes.readUInt16LE(versionAt + 6),
        hashAt: versionAt,
        nameAt: versionAt + 8,
      });
      if (version < versionCount) versionAt = entry(versionAt, bytes.readUInt32LE(versionAt + 12));
    }
    if (library < section.info) libraryAt = entry(libraryAt, bytes.readUInt32LE(libraryAt + 12));
  }
  return needs;
}

function offsetAt(bytes: Buffer, at: number): number {
  const offset = Number(bytes.readBigUInt64LE(at));
  expected(Number.isSafeInteger(offset) && offset <= bytes.length, 'an offset lies outside the file');
  return offset;
}
