/** The command line: composes the services into one process ({@code train}) or starts one of them ({@code run ROLE}). */
@NullMarked
package ai.consilium.cli;

import org.jspecify.annotations.NullMarked;
