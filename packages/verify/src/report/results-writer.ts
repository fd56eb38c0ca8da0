import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReporterRuntime, FileSystemWriter } from 'allure-js-commons/sdk/reporter';

type Result = Parameters<FileSystemWriter['writeResult']>[0];

/** Writes without flushing each file to the disk: hundreds of small files would take half a second. */
class ResultsWriter extends FileSystemWriter {
  readonly #folder: string;

  constructor(folder: string) {
    super({ resultsDir: folder });
    this.#folder = folder;
  }

  override writeAttachment(name: string, content: Buffer): void {
    writeFileSync(join(this.#folder, name), content);
  }

  override writeResult(result: Result): void {
    writeFileSync(join(this.#folder, `${result.uuid}-result.json`), JSON.stringify(result));
  }
}

/** What writes results for Allure into a folder, which must be there. */
export const openResults = (folder: string): ReporterRuntime =>
  new ReporterRuntime({ writer: new ResultsWriter(folder) });
