/** What each role of a run may do on the cluster, from the catalogue of topics, in the forms that clusters are configured by. */
@NullMarked
package ai.consilium.cli.acls;

import org.jspecify.annotations.NullMarked;
