// Makes `assets/empty-database.tar.zst` anew, after another version of PGlite: `node libs/framework/database/test-fixtures/make-image.ts`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';

await using database = await PGlite.create();
const tar = Buffer.from(await (await database.dumpDataDir('none')).arrayBuffer());
const params = {
  [constants.ZSTD_c_compressionLevel]: 19,
  // The templates are copies of each other, further apart than the usual window.
  [constants.ZSTD_c_windowLog]: 27,
  [constants.ZSTD_c_enableLongDistanceMatching]: 1,
};
writeFileSync(join(import.meta.dirname, '../assets/empty-database.tar.zst'), zstdCompressSync(tar, { params }));
