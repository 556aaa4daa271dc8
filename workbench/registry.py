"""Kinds of parts by name: the settings a recipe may choose among, and what implements each.

A *kind* (a loss, a region, a pool ...) is a settings class, which needs no torch, and one
implementation, which is imported when it is first used::

    @LOSSES.settings("my_package.my_loss")  # the module with the implementation
    class MyLoss(Term):
        kind: Literal["my_loss"] = "my_loss"

    @LOSSES.implements(MyLoss)  # in my_package/my_loss.py
    class MyLossTerm(OutputTerm): ...

The schema's unions, forms, flags, documents and contract tests are built from what is registered.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

from workbench.errors import RecipeError

Settings = TypeVar("Settings")
"""What the settings classes of a registry have in common."""
S = TypeVar("S", bound=type[Any])
Implementation = TypeVar("Implementation")


class Registry(Generic[Settings]):
    """The kinds of one sort of part, in the order in which they were registered.

    Args:
        noun: what a kind is, for sentences: ``"loss"``.
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._settings: dict[str, type[Settings]] = {}
        self._modules: dict[type[Any], str] = {}
        self._implementations: dict[type[Any], Any] = {}
        self._listeners: list[Callable[[], None]] = []

    @property
    def kinds(self) -> Mapping[str, type[Settings]]:
        """Settings classes by the word that chooses them, as ``kind``, in a recipe."""
        return MappingProxyType(self._settings)

    def settings(self, module: str) -> Callable[[S], S]:
        """Register a settings class; ``module`` is the dotted name of its implementation's module.

        The class names its kind as the default of its field ``kind``. Raises RecipeError where
        another class has that name.
        """

        def register(settings: S) -> S:
            kind = str(settings.model_fields["kind"].default)
            if kind in self._settings:
                other = self._settings[kind]
                raise RecipeError(
                    f"{settings.__module__}.{settings.__qualname__}: there is a {self.noun} named"
                    f" '{kind}' already, {other.__module__}.{other.__qualname__}. Rename one."
                )
            self._settings[kind] = cast("type[Settings]", settings)
            self._modules[settings] = module
            for listener in self._listeners:
                listener()
            return settings

        return register

    def implements(self, settings: type[Any]) -> Callable[[Implementation], Implementation]:
        """Register what implements the kind of a settings class: a class or a function."""

        def register(implementation: Implementation) -> Implementation:
            self._implementations[settings] = implementation
            return implementation

        return register

    def implementation(self, settings: Settings | type[Settings]) -> Any:  # noqa: ANN401  (a class or function)
        """What implements the kind of these settings; its module is imported when first asked for.

        Raises RecipeError where that module does not register it.
        """
        kind = settings if isinstance(settings, type) else type(settings)
        if kind not in self._implementations:
            import_module(self._modules[kind])
        if kind not in self._implementations:
            raise RecipeError(
                f"{self._modules[kind]}: does not implement the {self.noun} {kind.__qualname__}."
                f" Decorate what does with implements({kind.__qualname__})."
            )
        return self._implementations[kind]

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever a further kind is registered."""
        self._listeners.append(listener)
