/** The command doctor: what a run would need, looked at before it is started. */
@NullMarked
package ai.consilium.cli.doctor;

import org.jspecify.annotations.NullMarked;
