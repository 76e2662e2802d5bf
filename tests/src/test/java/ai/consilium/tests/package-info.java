/** What holds across modules: the module rules, the whole run, interruption, separate processes, the page, the container files. */
@NullMarked
package ai.consilium.tests;

import org.jspecify.annotations.NullMarked;
