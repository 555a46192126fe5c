/** A folder of files, on this machine's disk or behind the parity page's server. */
export interface Folder {
  /** As it was given; for messages. */
  readonly path: string
  /** Null where there is no such file. */
  file(name: string): Promise<Blob | null>
  folder(name: string): Folder
  /** Names of files and, ending in `/`, of folders. */
  names(): Promise<string[]>
}

/** @throws {Error} where the file is missing. */
export async function requiredFile(folder: Folder, name: string): Promise<Blob> {
  const file = await folder.file(name)
  if (!file) throw new Error(`${folder.path} has no ${name}.`)
  return file
}

export async function readJson(folder: Folder, name: string): Promise<unknown> {
  return JSON.parse(await (await requiredFile(folder, name)).text()) as unknown
}
