/** Directories on disk: the installation, a run and the files that it keeps to be resumed. */
@NullMarked
package ai.consilium.cli.directory;

import org.jspecify.annotations.NullMarked;
