/** What lies beside an exported model: its bill of materials and its signature. */
@NullMarked
package ai.consilium.cli.export;

import org.jspecify.annotations.NullMarked;
