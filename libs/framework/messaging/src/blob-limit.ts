/** How large data may be that is kept in a store of blobs, in bytes: a message holds only where it is. */
export const blobLimitBytes = 64 * 2 ** 20;
