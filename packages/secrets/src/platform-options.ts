import { Option, type Command } from 'commander';
import { defaultHome, defaultName, givenPath } from './location.ts';

/** Which platform a command is about. */
export interface PlatformOptions {
  readonly home: string;
  readonly name: string;
}

/** Adds to a command the options that say which platform is meant. */
export const withPlatformOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--name <name>', 'name of the platform, also by PROVEHOUSE_NAME').default(
        defaultName(process.env),
      ),
    )
    .addOption(
      new Option('--home <folder>', 'folder of all platforms, also by PROVEHOUSE_HOME')
        .default(defaultHome(process.env), '.provehouse')
        .argParser((folder: string) => givenPath(folder)),
    );
