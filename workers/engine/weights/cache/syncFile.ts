/** Synchronous access to a file of OPFS; TypeScript has it in its library for workers only. */
export interface SyncFile {
  /** @returns bytes read. */
  read(buffer: Uint8Array, options: { at: number }): number
  write(bytes: Uint8Array, options: { at: number }): number
  truncate(size: number): void
  getSize(): number
  flush(): void
  close(): void
}

/** Opens a file, made where it is missing, for this worker alone until it is closed. */
export async function openSyncFile(folder: FileSystemDirectoryHandle, name: string): Promise<SyncFile> {
  const handle = (await folder.getFileHandle(name, { create: true })) as FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncFile> }
  return handle.createSyncAccessHandle()
}
