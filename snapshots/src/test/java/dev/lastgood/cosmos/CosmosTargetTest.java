package dev.lastgood.cosmos;

import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target;
import dev.lastgood.target.contract.TargetContract;
import dev.lastgood.workspace.Source;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request a document. */
class CosmosTargetTest extends TargetContract {
    private final CosmosForTests cosmos = cosmos();
    private final CosmosContainer container = cosmos.container("/" + partition());

    /** The service it is tried on. */
    CosmosForTests cosmos() {
        return CosmosForTests.shared();
    }

    Source.Requests requests() {
        return Source.Requests.POINT;
    }

    /** The field of the partition key. */
    String partition() {
        return "id";
    }

    PartitionKey partition(Key key) {
        return new PartitionKey(id(key));
    }

    static dev.lastgood.cosmos.CosmosContainer reached(CosmosForTests cosmos, CosmosContainer container) {
        CosmosAccess access = new CosmosAccess(cosmos.endpoint(), cosmos.key(), null, List.of(), null);
        return new dev.lastgood.cosmos.CosmosContainer(access, CosmosForTests.DATABASE, container.getId(), 0);
    }

    @Override
    protected Target create() {
        return CosmosTarget.open(
                reached(cosmos, container), List.of(FieldPath.of(partition()), FieldPath.of("id")), requests());
    }

    /** Ids are texts. */
    @Override
    protected Value number(int number) {
        return Value.of(Integer.toString(number));
    }

    /** Each is several requests. */
    @Override
    protected int writes() {
        return 60;
    }

    private static String id(Key key) {
        return ((Value.Text) Objects.requireNonNull(key.parts().get("id"))).value();
    }

    @Override
    protected void application(Key key, @Nullable Image image) {
        if (image == null) {
            container.deleteItem(id(key), partition(key), new CosmosItemRequestOptions());
        } else {
            CosmosForTests.put(container, JsonValues.text(image.object()));
        }
    }

    @Override
    protected Map<Key, Image> everything() throws JsonValues.NotJson {
        Map<Key, Image> all = new HashMap<>();
        for (String document : CosmosForTests.everything(container)) {
            Image image = new Image((Value.Obj) JsonValues.parse(document));
            all.put(image.key(List.of("id")), image);
        }
        return all;
    }

    /** Reads, adds, and writes on the condition that nobody else did; else once more. */
    @Override
    protected Adder adder() {
        return key -> {
            while (true) {
                CosmosItemResponse<ObjectNode> read = container.readItem(id(key), partition(key), ObjectNode.class);
                ObjectNode document = read.getItem();
                document.put(
                        "total",
                        Integer.toString(Integer.parseInt(document.get("total").asText()) + 1));
                try {
                    container.replaceItem(
                            document,
                            id(key),
                            partition(key),
                            new CosmosItemRequestOptions().setIfMatchETag(read.getETag()));
                    return;
                } catch (CosmosException e) {
                    if (e.getStatusCode() != 412) {
                        throw e;
                    }
                }
            }
        };
    }
}
