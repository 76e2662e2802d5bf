/**
 * What a run needs of a cluster, from the catalogue of topics: its topics, and what each role may do with them, in the forms that
 * clusters are configured by.
 */
@NullMarked
package ai.consilium.cli.provision;

import org.jspecify.annotations.NullMarked;
